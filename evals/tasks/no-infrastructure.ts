import { find } from "../harness/http.ts";
import { defineTask } from "../harness/task.ts";

/** What is not a build request gets questions, not an invention. */
export const noInfrastructure = defineTask({
  name: "no-infrastructure",
  title: "Chatter, nonsense and vague wishes get questions instead of a blueprint",
  async run(lab) {
    const agent = await lab.agent("vague-agent", "1.x");
    for (const intent of [
      "what is the capital of France?",
      "asdf qwer zxcv",
      "make it better",
      "thanks, that was great!",
    ]) {
      const plan = await agent.session.must("plan", { intent });
      const questions = (plan["questions"] ?? []) as unknown[];
      const built = ["workflows", "functions", "mcps", "endpoints"].flatMap((list) =>
        find(plan["blueprint"], list).flat(),
      );
      lab.check(
        "plan",
        `"${intent}" is answered with a question`,
        questions.length > 0 && questions.length <= 3,
        questions,
      );
      lab.check("plan", `"${intent}" invents nothing`, built.length === 0, built);
      lab.check(
        "plan",
        `"${intent}" is not confident`,
        Number(plan["confidence"]) <= 0.5,
        plan["confidence"],
      );
    }
  },
});
