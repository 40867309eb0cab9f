export { renderApiDocs } from "./render-api-docs.js";
