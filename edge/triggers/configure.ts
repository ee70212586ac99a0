import { type Outcome, unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import type { LiveItem } from "#edge/gateway/live-items";
import { nextDue, type ScheduleSpec } from "./schedule-spec.ts";

/** The `Schedule` object from outside. */
interface ScheduleStub {
  configure(spec: ScheduleSpec): Promise<Outcome<{ next?: number }>>;
  remove(): Promise<Outcome<void>>;
}

function scheduleStub(env: Env, workspaceId: string, name: string): ScheduleStub {
  const stub: unknown = env.SCHEDULE.getByName(`${workspaceId}/${name}`);
  return stub as ScheduleStub;
}

/**
 * Brings the schedules among `items` to life, or stops them; other kinds are passed over. Every
 * schedule is checked before the first one is touched.
 * @throws InputError `schedule.bad-cron`
 */
export async function configureSchedules(
  env: Env,
  workspaceId: string,
  items: readonly LiveItem[],
  { stop = false }: { stop?: boolean } = {},
): Promise<void> {
  const schedules = items.filter((item) => item.kind === "schedule");
  const now = Date.now();
  if (!stop) for (const { definition } of schedules) nextDue(definition, now);
  await Promise.all(
    schedules.map(async ({ name, definition }) => {
      const stub = scheduleStub(env, workspaceId, name);
      if (stop) unwrap(await stub.remove());
      else unwrap(await stub.configure({ workspaceId, name, ...definition }));
    }),
  );
}
