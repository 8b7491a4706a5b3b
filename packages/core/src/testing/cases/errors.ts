/** Misuse ends in errors that name what happened and what to do, and the end of a backend is orderly. */
import { add, compile, tensor } from '../../index.ts';
import { expectError, expectThat } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { expectValues, four } from '../four.ts';
import { spec } from '../samples.ts';

/** Errors. */
export const errorCases: readonly ConformanceCase[] = [
  {
    name: 'errors: tensors of two backends do not mix',
    run: async ({ backend, reference }) => {
      const x = tensor(backend, [1, 2]);
      const y = tensor(reference, [1, 2]);
      const program = compile(add);
      await expectError(() => add(x, y), 'BACKEND_MISMATCH', /transfer/);
      await expectError(() => program(x, y), 'BACKEND_MISMATCH', /transfer/);
      program.dispose();
      for (const tensor of [x, y]) tensor.dispose();
    },
  },
  {
    name: 'errors: a disposed tensor is refused',
    run: async (context) => {
      const x = four(context);
      x.dispose();
      x.dispose();
      await expectError(() => x.data(), 'TENSOR_DISPOSED', /\[2,2\]/);
      await expectError(() => add(x, x), 'TENSOR_DISPOSED', /tidy/);
    },
  },
  {
    name: 'errors: an unknown kernel is named',
    run: async ({ backend }) => {
      const call = { kernel: 'noSuchKernel', inputs: [], attributes: {}, outputs: [spec('f32', 1)] };
      // At once, or from an asynchronous engine when the value is read.
      const runAndRead = async (): Promise<void> => {
        const [handle] = backend.run(call);
        await backend.read({ handle: handle!, ...call.outputs[0]! }).finally(() => backend.free(handle!));
      };
      await expectError(runAndRead, 'KERNEL_MISSING', /noSuchKernel/);
      expectThat(!backend.supports('noSuchKernel', [], {}), 'expected supports to be false for an unknown kernel');
    },
  },
  {
    name: 'errors: a disposed backend refuses work, and others go on',
    run: async (context) => {
      const other = await context.createBackend();
      const x = four({ backend: other });
      other.dispose();
      other.dispose();
      await expectError(() => other.upload(new Float32Array(1), spec('f32', 1)), 'BACKEND_DISPOSED', /./);
      await expectError(() => x.data(), 'BACKEND_DISPOSED', /./);
      await expectError(() => add(x, x), 'BACKEND_DISPOSED', /./);
      // Tensors may be given up late.
      x.dispose();
      const y = four(context);
      expectValues(await y.data(), [1, 2, 3, 4]);
      y.dispose();
    },
  },
];
