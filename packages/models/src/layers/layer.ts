/**
 * Layers as values: how to make parameters, and a pure function of them. Networks are built by composing layers, so a
 * model is an expression that reads like its diagram.
 */
import { add, type Backend, type Random, type Tensor, tidy } from '@vqkit/core';

/** A differentiable map with parameters of type `P`. */
export interface Layer<P = unknown> {
  /** Fresh parameters, the same for the same stream. */
  init(backend: Backend, random: Random): P;
  /** Pure: parameters and input to output. */
  apply(params: P, x: Tensor): Tensor;
}

/** A layer without parameters. */
export function lambda(apply: (x: Tensor) => Tensor): Layer<Record<never, never>> {
  return { init: () => ({}), apply: (_, x) => apply(x) };
}

/** Parameters of a sequence: one tree per layer. */
export type SequentialParams = readonly unknown[];

/** Layers one after the other; parameters are a list. */
export function sequential(layers: readonly Layer[]): Layer<SequentialParams> {
  return {
    init: (backend, random) => layers.map((layer, i) => layer.init(backend, random.split(i))),
    apply: (params, x) => tidy(() => layers.reduce((y, layer, i) => layer.apply(params[i], y), x)),
  };
}

/** x + body(x). */
export function residual<P>(body: Layer<P>): Layer<P> {
  return { init: body.init, apply: (params, x) => tidy(() => add(x, body.apply(params, x))) };
}
