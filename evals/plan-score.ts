import type { Prediction } from "./plan-predict.ts";

/** The labels of one intent; groups are any-of. */
export interface Labels {
  readonly modules: readonly (readonly string[])[];
  readonly modules_ok: readonly string[];
  readonly integrations: readonly (readonly string[])[];
  readonly integrations_ok: readonly string[];
  readonly nodes: readonly (readonly string[])[];
  readonly nodes_ok: readonly string[];
  readonly needs_approval: boolean;
  readonly caller_auth: { readonly required: boolean };
  readonly clarify: string | null;
  readonly no_infra: boolean;
}

export interface FieldScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface Scores {
  readonly fields: Readonly<Record<string, FieldScore>>;
  /** Share of intents whose modules, integrations, approval and caller authentication are all right. */
  readonly exact: number;
  readonly count: number;
  /** Ids that are not exact, with what was wrong. */
  readonly misses: readonly { readonly id: string; readonly wrong: readonly string[] }[];
}

/** A node label is also satisfied by a more particular kind. */
const satisfiedBy: Readonly<Record<string, readonly string[]>> = {
  notify: ["action"],
  llm: ["agent"],
  code: ["condition"],
  condition: ["switch"],
};

interface Tally {
  right: number;
  extra: number;
  missing: number;
}

export function score(
  items: readonly { id: string; labels: Labels }[],
  predictions: ReadonlyMap<string, Prediction>,
): Scores {
  const tallies = new Map<string, Tally>();
  const add = (field: string, right: number, extra: number, missing: number) => {
    const tally = tallies.get(field) ?? { right: 0, extra: 0, missing: 0 };
    tallies.set(field, {
      right: tally.right + right,
      extra: tally.extra + extra,
      missing: tally.missing + missing,
    });
  };
  const misses: { id: string; wrong: string[] }[] = [];
  for (const { id, labels } of items) {
    const prediction = predictions.get(id);
    const wrong: string[] = [];
    for (const field of ["modules", "integrations", "nodes"] as const) {
      const { right, extra, missing } = compareGroups(field, labels, prediction?.[field] ?? []);
      add(field, right, extra.length, missing.length);
      if (field !== "nodes")
        wrong.push(...extra.map((one) => `+${one}`), ...missing.map((one) => `-${one}`));
    }
    const flag = (field: string, wanted: boolean, got: boolean, counts: boolean) => {
      add(field, wanted && got ? 1 : 0, !wanted && got ? 1 : 0, wanted && !got ? 1 : 0);
      if (counts && wanted !== got) wrong.push(`${got ? "+" : "-"}${field}`);
    };
    flag("needs_approval", labels.needs_approval, prediction?.needs_approval ?? false, true);
    flag("caller_auth", labels.caller_auth.required, prediction?.caller_auth ?? false, true);
    flag("clarify", labels.clarify !== null, prediction?.clarify ?? false, false);
    flag("no_infra", labels.no_infra, prediction?.no_infra ?? false, false);
    if (wrong.length > 0) misses.push({ id, wrong });
  }
  const fields = Object.fromEntries([...tallies].map(([field, tally]) => [field, toScore(tally)]));
  return {
    fields,
    exact: (items.length - misses.length) / (items.length || 1),
    count: items.length,
    misses,
  };
}

function compareGroups(
  field: "modules" | "integrations" | "nodes",
  labels: Labels,
  predicted: readonly string[],
) {
  const got = new Set(predicted);
  const okay = new Set([...labels[`${field}_ok`], ...labels[field].flat()]);
  const covers = (wanted: string) =>
    got.has(wanted) ||
    (field === "nodes" && (satisfiedBy[wanted] ?? []).some((kind) => got.has(kind)));
  const missing = labels[field]
    .filter((group) => !group.some(covers))
    .map((group) => group.join("|"));
  const extra = [...got].filter(
    (one) =>
      !okay.has(one) &&
      !(field === "nodes" && [...okay].some((kind) => satisfiedBy[kind]?.includes(one))),
  );
  return { right: labels[field].length - missing.length, extra, missing };
}

function toScore({ right, extra, missing }: Tally): FieldScore {
  const precision = right / (right + extra) || 0;
  const recall = right / (right + missing) || 0;
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) || 0 };
}
