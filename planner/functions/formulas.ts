import { defineTemplate, objectSchema } from "./template.ts";

const number = { type: "number" };
const point = objectSchema({ latitude: number, longitude: number }, ["latitude", "longitude"]);

/** Annuity: equal payments at the end of each month, the nominal yearly rate parted by twelve. */
export const loan = defineTemplate({
  id: "loan",
  says: /\b(?:loan|mortgage|annuity|credit)s?(?: \w+){0,2} (?:payments?|instal?lments?|rates?|calculators?|schedule)\b|\b(?:monthly )?(?:payments?|instal?lments?) (?:of|for|on) (?:an? |the )?(?:loan|mortgage|credit)\b|\bamorti[sz]ation\b/i,
  verb: "compute_payment",
  build: () => ({
    description:
      "Monthly payment, sum of payments and interest of a loan with equal payments; the rate is per cent a year, the term in months.",
    code: `const cents = (value: number) => Math.round((value + Number.EPSILON) * 100) / 100;

/** \`rate\`: per cent a year; \`months\`: how many payments. */
export default function payment(input: { amount: number; rate: number; months: number }) {
  const { amount, months } = input;
  if (!(amount > 0) || !(input.rate >= 0) || !Number.isInteger(months) || months < 1) throw new Error("Give an amount above 0, a rate of at least 0 and a whole number of months.");
  const monthly = input.rate / 1200;
  const exact = monthly === 0 ? amount / months : (amount * monthly) / (1 - (1 + monthly) ** -months);
  return { payment: cents(exact), total: cents(exact * months), interest: cents(exact * months - amount) };
}
`,
    input: objectSchema({ amount: number, rate: number, months: { type: "integer", minimum: 1 } }, [
      "amount",
      "rate",
      "months",
    ]),
    output: objectSchema({ payment: number, total: number, interest: number }, [
      "payment",
      "total",
      "interest",
    ]),
    examples: [
      {
        name: "10,000 at 6 % over a year",
        input: { amount: 10_000, rate: 6, months: 12 },
        output: { payment: 860.66 },
      },
      {
        name: "without interest the amount is parted evenly",
        input: { amount: 1200, rate: 0, months: 12 },
        output: { payment: 100, total: 1200, interest: 0 },
      },
    ],
  }),
});

/** Haversine on a sphere of the mean Earth radius (6371.0088 km, IUGG): at most about 0.5 % off. */
export const distance = defineTemplate({
  id: "distance",
  says: /\b(?:distance|kilomet(?:er|re)s|miles)\b.{0,30}\b(?:coordinates?|points?|locations?|lat(?:itude)?s?|lon(?:gitude)?s?)\b|\b(?:haversine|great[- ]circle)\b/i,
  verb: "measure_distance",
  build: () => ({
    description:
      "Great-circle distance between two coordinates in decimal degrees, in kilometres and miles.",
    code: `type Point = { latitude: number; longitude: number };
const radius = 6371.0088;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
const round = (value: number) => Math.round(value * 1000) / 1000;

export default function distance(input: { from: Point; to: Point }) {
  const { from, to } = input;
  for (const { latitude, longitude } of [from, to])
    if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) throw new Error("Latitude is within -90..90, longitude within -180..180.");
  const half = (a: number, b: number) => Math.sin(radians(b - a) / 2) ** 2;
  const h = half(from.latitude, to.latitude) + Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * half(from.longitude, to.longitude);
  const kilometers = 2 * radius * Math.asin(Math.min(1, Math.sqrt(h)));
  return { kilometers: round(kilometers), miles: round(kilometers / 1.609344) };
}
`,
    input: objectSchema({ from: point, to: point }, ["from", "to"]),
    output: objectSchema({ kilometers: number, miles: number }, ["kilometers", "miles"]),
    examples: [
      {
        name: "a degree of latitude is 111.195 km",
        input: { from: { latitude: 0, longitude: 0 }, to: { latitude: 1, longitude: 0 } },
        output: { kilometers: 111.195 },
      },
      {
        name: "a point is no distance from itself",
        input: { from: { latitude: 52, longitude: 13 }, to: { latitude: 52, longitude: 13 } },
        output: { kilometers: 0, miles: 0 },
      },
    ],
  }),
});
