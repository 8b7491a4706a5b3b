/** Options of `vqkit train`, parsed. */
export interface TrainArguments {
  readonly data: string;
  readonly out: string;
  readonly steps: number;
  readonly minutes?: number;
  readonly resume?: boolean;
  readonly backend: string;
  readonly threads?: number;
  readonly batch?: number;
  readonly crop?: number;
  readonly codes?: number;
  readonly rate?: number;
  readonly from?: string;
  readonly photos?: number;
  readonly seed: number;
  readonly lpipsWeights?: string;
}
