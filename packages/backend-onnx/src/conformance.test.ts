import { describeBackend } from '@vqkit/core/testing';
import { afterAll, describe, it } from 'vitest';
import { onnx } from './onnx.ts';

// Everything through the engine, and as users have it, with small calls on the host.
describeBackend('onnx, all on the engine', () => onnx({ hostWork: 0, threads: 1 }), { describe, it, afterAll });
describeBackend('onnx', () => onnx({ threads: 1 }), { describe, it, afterAll });
