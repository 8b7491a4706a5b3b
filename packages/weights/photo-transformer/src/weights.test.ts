import { describeWeights } from '../../shared/src/testing/describe-weights.ts';
import * as node from './index.ts';
import * as web from './web.ts';

describeWeights({ node, web, folder: new URL('../files/', import.meta.url), small: 'weights.safetensors' });
