// Seen from the Worker, a browser script is text (the rule in wrangler.toml says so).

declare const script: string;
export default script;
