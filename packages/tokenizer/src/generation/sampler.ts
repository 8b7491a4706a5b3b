/** What both ways of drawing maps have in common. */
import type { Random } from '@vqkit/core';
import type { OpenMap } from './fill-surest.ts';
import type { Grid } from './weights.ts';

/** How maps are drawn; what is left out has the default of the method. */
export interface SamplingOptions {
  /** Runs of the network, 1 to 1000. Default 12 where indices are drawn, 25 where features are. */
  readonly steps?: number | undefined;
  /** Above 1 more varied, below 1 likelier: of the codes that are drawn, or of the noise that features start from; 0 to 10. Default 1. */
  readonly temperature?: number | undefined;
  /** How much further a class is followed than it is likely, 0 to 20; costs as much again. Default 0. */
  readonly guidance?: number | undefined;
  /** Of drawing indices: codes that may be drawn, the likeliest. Default: all. */
  readonly topK?: number | undefined;
  /** Of drawing indices: noise on what is surest, falling to 0 with the steps; 0 to 100. Default 4.5. */
  readonly noise?: number | undefined;
}

/** Maps to draw at once. */
export interface SamplerJob {
  readonly grid: Grid;
  /** A class of each. */
  readonly labels: readonly number[];
  /** Random numbers of each. */
  readonly streams: readonly Random[];
  /** Where each starts: all holes, but for what is kept. */
  readonly start: OpenMap;
  readonly signal: AbortSignal | undefined;
  readonly onStep: () => void;
}

/** A method at work on a backend. */
export interface Sampler {
  /** Runs of the network for a job. */
  readonly steps: number;
  /** @returns Indices of each, those of a position side by side. */
  draw(job: SamplerJob): Promise<Uint32Array[]>;
  dispose(): void;
}
