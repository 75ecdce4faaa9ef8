import * as jest from '@jest/globals';
import { MemoryBroker } from '../../../broker/memory/memory-broker.js';
import { describeBroker } from './describe-broker.js';

describeBroker('MemoryBroker', async (topology) => new MemoryBroker(topology), jest);
