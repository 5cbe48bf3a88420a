// One step up.

import { Icon } from "./icons.tsx";

export function BackLink({ href, label }: { href: string; label: string }) {
  return (
    <a class="back" href={href}>
      <Icon name="back" />
      {label}
    </a>
  );
}
