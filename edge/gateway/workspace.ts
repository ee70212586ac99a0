import { DurableObject } from "cloudflare:workers";
import type { Env } from "#edge/env";

export class Workspace extends DurableObject<Env> {}
