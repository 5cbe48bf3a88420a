// Seen from the Worker, a bundled browser script is text.

declare module "*.js.txt" {
  const script: string;
  export default script;
}
