import { currency, dates, vat } from "./money.ts";
import { aggregate, dedupe, transform, validate } from "./records.ts";
import { score } from "./score.ts";
import type { FunctionTemplate } from "./template.ts";
import { classify, extract, measureText, slugify } from "./text.ts";

/** The more particular stand first. */
export const templates: readonly FunctionTemplate[] = [
  score,
  slugify,
  measureText,
  vat,
  currency,
  dates,
  extract,
  classify,
  validate,
  dedupe,
  aggregate,
  transform,
];
