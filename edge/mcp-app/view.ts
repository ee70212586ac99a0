import { viewScript } from "./script.ts";
import { viewStyle } from "./style.ts";

/** What clients of MCP Apps (SEP-1865) know a view by. */
export const viewMimeType = "text/html;profile=mcp-app";

/**
 * One document for every view. Nothing in it comes from elsewhere, and it is the same for everybody,
 * so it runs under the policy that clients apply by default: no network, own inline script and style.
 */
export const viewHtml = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Aerostack</title>
<style>${viewStyle}</style>
</head>
<body>
<main id="app" aria-live="polite">Waiting for the result ...</main>
<script type="module">${viewScript}</script>
</body>
</html>
`;
