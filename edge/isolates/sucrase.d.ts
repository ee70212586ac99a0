/** The parser below sucrase's `transform`: published, but with its types in another folder. */
declare module "sucrase/dist/parser/index.js" {
  export { parse } from "sucrase/dist/types/parser/index.js";
}
declare module "sucrase/dist/parser/tokenizer/types.js" {
  export { TokenType } from "sucrase/dist/types/parser/tokenizer/types.js";
}
/** The same build as the parser, so that a bundle holds one. */
declare module "sucrase/dist/index.js" {
  export { transform } from "sucrase";
}
