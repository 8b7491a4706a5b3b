/** Runs a graph call by call, freeing each value after its last use: what `compile` falls back to. */
import type { Backend, Executable, Graph, Handle, View } from '../backend/backend.ts';

/**
 * An executable that replays the calls on a backend without a compiler of its own.
 *
 * @param graph  Its outputs must be distinct values made by nodes, as `compile` arranges.
 */
export function interpret(backend: Backend, graph: Graph): Executable {
  const outputIds = new Set(graph.outputs.map(({ id }) => id));
  const lastUse = new Map<number, number>();
  graph.nodes.forEach((node, i) => {
    for (const { id } of [...node.inputs, ...node.outputs]) lastUse.set(id, i);
  });
  const own = new Set(graph.nodes.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
  const dying = graph.nodes.map((node, i) => {
    const ids = new Set([...node.inputs, ...node.outputs].map(({ id }) => id));
    return [...ids].filter((id) => lastUse.get(id) === i && own.has(id) && !outputIds.has(id));
  });
  let constants: Map<number, Handle> | undefined;

  const uploadConstants = (): Map<number, Handle> =>
    new Map(graph.constants.map(({ id, shape, dtype, data }) => [id, backend.upload(data, { shape, dtype })]));

  return {
    run(inputs: readonly View[]): Handle[] {
      constants ??= uploadConstants();
      const handles = new Map(constants);
      graph.inputs.forEach(({ id }, i) => handles.set(id, inputs[i]!.handle));
      graph.nodes.forEach(({ kernel, inputs: views, attributes, outputs }, i) => {
        const call = {
          kernel,
          attributes,
          outputs,
          inputs: views.map(({ id, shape, dtype }) => ({ handle: handles.get(id)!, shape, dtype })),
        };
        backend.run(call).forEach((handle, k) => handles.set(outputs[k]!.id, handle));
        for (const id of dying[i]!) backend.free(handles.get(id)!);
      });
      return graph.outputs.map(({ id }) => handles.get(id)!);
    },
    warmup: () => Promise.resolve(),
    dispose(): void {
      for (const handle of constants?.values() ?? []) backend.free(handle);
      constants = undefined;
    },
  };
}
