/** The kit on the reference itself. */
import { afterAll, describe, it } from 'vitest';
import { cpu } from '../cpu/cpu.ts';
import { describeBackend } from './describe-backend.ts';

describeBackend('cpu', () => cpu(), { describe, it, afterAll });
