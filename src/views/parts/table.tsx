// A table that becomes a list of cards on a phone: the first cells on line one, the rest as label and value. The roles are written out
// because browsers forget them once a table is no longer laid out as one.

import type { Child } from "hono/jsx";
import { rowKey } from "./live.ts";

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Child;
  /** Names the row, for whoever hears the table. One column has it. */
  readonly heads?: true;
  /** Stands on line one of the card, without its label. */
  readonly onTop?: true;
  readonly isNumber?: true;
  /** Left out on a phone: another cell says it there. */
  readonly isWide?: true;
}

export interface TableProps<Row> {
  /** Heard, not seen: what the table lists. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** Tells a row from all others, for lists that are read again while somebody looks. */
  readonly keyOf?: (row: Row) => string;
}

export function Table<Row>({ caption, columns, rows, keyOf }: TableProps<Row>) {
  return (
    <table class="table folds" role="table">
      <caption class="hidden-words">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ title, isNumber }) => (
            <th scope="col" role="columnheader" class={isNumber === true ? "number" : ""}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr role="row" {...(keyOf !== undefined && rowKey(keyOf(row)))}>
            {columns.map((column) => (
              <Cell column={column} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const { title, cell, heads, onTop, isNumber, isWide } = column;
  const classes = [onTop === true && "on-top", isNumber === true && "number", isWide === true && "wide"]
    .filter((one) => one !== false)
    .join(" ");
  if (heads === true) {
    return (
      <th scope="row" role="rowheader" class={classes}>
        {cell(row)}
      </th>
    );
  }
  return (
    <td role="cell" class={classes} {...(onTop !== true && { "data-label": title })}>
      <div class="cell">{cell(row)}</div>
    </td>
  );
}
