import { DurableObject } from "cloudflare:workers";
import type { Env } from "#edge/env";

export class Schedule extends DurableObject<Env> {}
