import { DurableObject } from "cloudflare:workers";
import type { Env } from "#edge/env";

export class Run extends DurableObject<Env> {}
