import { createRequire } from "node:module";
import { stepsOf } from "../contender.ts";

/** What of Restate's SDK is used here; it is installed into a folder of its own. */
interface Sdk {
  service(definition: { name: string; handlers: Readonly<Record<string, Handler>> }): unknown;
  serve(options: { services: unknown[]; port: number }): Promise<number>;
  readonly RestatePromise: { all(promises: readonly Promise<unknown>[]): Promise<unknown[]> };
}

type Handler = (context: StepContext, input: { n: number; run: string }) => Promise<unknown>;

interface StepContext {
  run(name: string, work: () => Promise<unknown>): Promise<unknown>;
}

const { SDK_FOLDER = "", PORT = "", WITNESS = "" } = process.env;
const sdk = createRequire(`${SDK_FOLDER}/package.json`)("@restatedev/restate-sdk") as Sdk;

const bench = sdk.service({
  name: "bench",
  handlers: {
    ten: async (context, { n }) => {
      for (let at = 1; at <= stepsOf.ten; at++) await context.run(`s${at}`, async () => n);
      return { output: { n } };
    },
    fan: async (context, { n }) => {
      const step = (_: unknown, at: number) => context.run(`b${at}`, async () => n);
      await sdk.RestatePromise.all(Array.from({ length: stepsOf.fan }, step));
      return { output: { n } };
    },
    effects: async (context, { n, run }) => {
      for (let at = 1; at <= stepsOf.effects; at++) {
        await context.run(`s${at}`, async () => {
          const response = await fetch(`http://${WITNESS}/${run}/s${at}`, { method: "PUT" });
          return response.json();
        });
      }
      return { output: { n } };
    },
  },
});
await sdk.serve({ services: [bench], port: Number(PORT) });
