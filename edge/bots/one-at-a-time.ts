/** Work that is under way once at most; asked for meanwhile it is done again afterwards. */
export class OneAtATime {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #isAsked = false;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Until work is done that began after this call. */
  run(): Promise<void> {
    this.#isAsked = true;
    return (this.#running ??= this.#loop().finally(() => (this.#running = undefined)));
  }

  async #loop(): Promise<void> {
    while (this.#isAsked) {
      this.#isAsked = false;
      await this.#work();
    }
  }
}
