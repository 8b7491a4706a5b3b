/** From a graph to something that replays it: tuning where asked for, layout, pipelines. */
import type { Graph } from '@vqkit/core';
import type { Engine } from '../device/engine.ts';
import type { KernelTable } from '../kernels/table.ts';
import type { KernelContext } from '../plan.ts';
import { type Tunable, type Tuner, watchKernels } from '../tuning/tuner.ts';
import { unitsOf } from './fuse.ts';
import { programOf } from './program.ts';
import { Replay } from './replay.ts';

/** How graphs are compiled. */
export interface CompileOptions {
  /** Measures variants in `warmup`; undefined not to. */
  readonly tuner: Tuner | undefined;
  /** Whether intermediates are kept as f16. */
  readonly isHalved: boolean;
}

/** What compiling needs. */
export interface CompileContext extends CompileOptions {
  readonly engine: Engine;
  readonly kernels: KernelTable;
  readonly context: KernelContext;
}

/** A graph that can be run again and again. */
export type CompiledGraph = Pick<Replay, 'run' | 'warmup' | 'dispose'>;

/** Compiles a graph; it is laid out at the first run or in `warmup`, after tuning. */
export function compileGraph(graph: Graph, options: CompileContext): CompiledGraph {
  const { engine, kernels, context, tuner, isHalved } = options;
  const uniformAlignment = engine.device.limits.minUniformBufferOffsetAlignment;
  const replay = new Replay(engine, graph, () => programOf(graph, kernels, context, { uniformAlignment, isHalved }));
  const tune = async (): Promise<void> => {
    const tunables: Tunable[] = [];
    const watched = watchKernels(kernels, (tunable) => tunables.push(tunable));
    unitsOf(graph, watched, context);
    await tuner?.tune(engine, tunables);
  };
  return {
    run: (inputs) => replay.run(inputs),
    warmup: async () => {
      if (tuner) await tune();
      await replay.warmup();
    },
    dispose: () => replay.dispose(),
  };
}
