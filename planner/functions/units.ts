import { defineTemplate, objectSchema } from "./template.ts";

const unit = "(?:celsius|fahrenheit|kelvin|centigrade)";
const length =
  "(?:kilomet(?:er|re)s?|met(?:er|re)s?|centimet(?:er|re)s?|miles?|yards?|feet|foot|inch(?:es)?|km)";
const mass = "(?:kilograms?|kilos?|grams?|pounds?|ounces?|lbs?|kg)";
const pair = (one: string) =>
  `\\b${one} (?:\\w+ ){0,2}?(?:to|into|and|in|from|or|nach|zu|en|a) ${one}\\b`;

/** Factors: the international yard and pound agreement of 1959, exact by definition. */
const code = `const scales: Record<string, Record<string, number>> = {
  length: { m: 1, km: 1000, cm: 0.01, mm: 0.001, mi: 1609.344, yd: 0.9144, ft: 0.3048, in: 0.0254 },
  mass: { kg: 1, g: 0.001, lb: 0.45359237, oz: 0.028349523125 },
};
const spoken: Record<string, string> = {
  celsius: "c", centigrade: "c", fahrenheit: "f", kelvin: "k", meter: "m", metre: "m", kilometer: "km", kilometre: "km", centimeter: "cm", centimetre: "cm",
  mile: "mi", yard: "yd", foot: "ft", feet: "ft", inch: "in", inche: "in", kilogram: "kg", kilo: "kg", gram: "g", pound: "lb", ounce: "oz",
};
const short = (unit: string) => {
  const word = unit.trim().toLowerCase().replace(/^°/, "");
  return spoken[word] ?? spoken[word.replace(/s$/, "")] ?? (word === "lbs" ? "lb" : word);
};
const round = (value: number) => Number(value.toPrecision(12));

function temperature(value: number, from: string, to: string): number {
  const kelvin = from === "c" ? value + 273.15 : from === "f" ? ((value - 32) * 5) / 9 + 273.15 : value;
  if (kelvin < -1e-9) throw new Error("Nothing is colder than absolute zero.");
  return to === "c" ? kelvin - 273.15 : to === "f" ? ((kelvin - 273.15) * 9) / 5 + 32 : kelvin;
}

/** Units by name or symbol: "celsius", "°C", "miles", "kg". */
export default function convert(input: { value: number; from: string; to: string }) {
  const [from, to] = [short(input.from), short(input.to)];
  const isTemperature = (unit: string) => ["c", "f", "k"].includes(unit);
  if (isTemperature(from) && isTemperature(to)) return { value: round(temperature(input.value, from, to)), unit: to.toUpperCase() };
  const scale = Object.values(scales).find((one) => from in one && to in one);
  if (!scale) throw new Error(\`There is no way from \${input.from} to \${input.to}.\`);
  return { value: round((input.value * scale[from]) / scale[to]), unit: to };
}
`;

/** Temperatures go through kelvin, as they have an offset; lengths and masses have a factor only. */
export const units = defineTemplate({
  id: "units",
  says: new RegExp(
    `${pair(unit)}|${pair(length)}|${pair(mass)}|\\b(?:temperature|unit) conver(?:sion|ter)s?\\b|\\bconverts? (?:\\w+ )?(?:temperatures?|units)\\b`,
    "i",
  ),
  verb: "convert_units",
  build: () => ({
    description:
      "Converts a value between units of temperature, length or mass; refuses units of different kinds.",
    code,
    input: objectSchema(
      {
        value: { type: "number" },
        from: { type: "string", description: "Unit of the value: celsius, miles, kg." },
        to: { type: "string", description: "Unit of the answer." },
      },
      ["value", "from", "to"],
    ),
    output: objectSchema({ value: { type: "number" }, unit: { type: "string" } }, [
      "value",
      "unit",
    ]),
    examples: [
      {
        name: "water boils at 212 degrees Fahrenheit",
        input: { value: 100, from: "celsius", to: "fahrenheit" },
        output: { value: 212, unit: "F" },
      },
      {
        name: "both scales meet at -40",
        input: { value: -40, from: "Fahrenheit", to: "°C" },
        output: { value: -40, unit: "C" },
      },
      {
        name: "a mile is 1.609344 kilometres",
        input: { value: 1, from: "miles", to: "kilometers" },
        output: { value: 1.609344, unit: "km" },
      },
      {
        name: "a pound is 0.45359237 kilograms",
        input: { value: 1, from: "lb", to: "kg" },
        output: { value: 0.45359237 },
      },
    ],
  }),
});
