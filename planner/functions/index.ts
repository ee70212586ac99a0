import { distance, loan } from "./formulas.ts";
import { iban } from "./iban.ts";
import { currency, dates, vat } from "./money.ts";
import { aggregate, dedupe, transform, validate } from "./records.ts";
import { score } from "./score.ts";
import type { FunctionTemplate } from "./template.ts";
import { classify, extract, measureText, slugify } from "./text.ts";
import { units } from "./units.ts";

/** The more particular stand first. */
export const templates: readonly FunctionTemplate[] = [
  score,
  iban,
  loan,
  distance,
  units,
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
