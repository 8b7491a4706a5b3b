/** Plans of eager calls, by everything that decides them. */
import { keyOfCall } from '@vqkit/core';
import { Lru } from './device/lru.ts';
import type { Call, Plan } from './plan.ts';

const maxPlans = 2048;

/** Remembers plans. */
export class PlanCache {
  readonly #plans = new Lru<string, Plan>(maxPlans);

  /** The plan of a call, made by `create` the first time. */
  get(call: Call, create: () => Plan): Plan {
    return this.#plans.get(keyOfCall(call), create);
  }

  /** Forgets all plans, after tuning changed what they would be. */
  clear(): void {
    this.#plans.clear();
  }
}
