// Loaded before every tool, in plain JavaScript: an old Node must hear what is wrong instead of stumbling over the first TypeScript file.

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
// Wrangler needs 22.12; Node runs TypeScript files by itself from 22.18.
const NEEDED = { major: 22, minor: 18 };

if (major < NEEDED.major || (major === NEEDED.major && minor < NEEDED.minor)) {
  console.error(
    `Countersign needs Node ${NEEDED.major}.${NEEDED.minor} or newer; this is ${process.version}.\n` +
      "`npm ci` brings a fitting Node along, for the npm scripts. If it did not, npm left out install scripts: run `npm rebuild node`.",
  );
  process.exit(1);
}
