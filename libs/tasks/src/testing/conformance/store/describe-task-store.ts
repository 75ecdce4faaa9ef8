import type { TestFramework } from '../test-framework.js';
import { describeBroadcasts } from './describe-broadcasts.js';
import { describeClaiming } from './describe-claiming.js';
import { describeEnqueueing } from './describe-enqueueing.js';
import { describeFollowUps } from './describe-follow-ups.js';
import { describeInspecting } from './describe-inspecting.js';
import { describeOutbox } from './describe-outbox.js';
import { describeRateLimits } from './describe-rate-limits.js';
import { describeReporting } from './describe-reporting.js';
import { describeResults } from './describe-results.js';
import { describeRevoking } from './describe-revoking.js';
import { describeSendingBack } from './describe-sending-back.js';
import { describeSettling } from './describe-settling.js';
import { describeStandings } from './describe-standings.js';
import { describeUniqueness } from './describe-uniqueness.js';
import { describeWaiting } from './describe-waiting.js';
import { StoreFixture, type TaskStoreUnderTest } from './store-fixture.js';

const PARTS = [
  describeEnqueueing,
  describeUniqueness,
  describeOutbox,
  describeClaiming,
  describeSettling,
  describeReporting,
  describeResults,
  describeFollowUps,
  describeWaiting,
  describeStandings,
  describeRevoking,
  describeRateLimits,
  describeInspecting,
  describeBroadcasts,
  describeSendingBack,
];

/**
 * Says what every {@link TaskStore} must do, as tests of the given framework.
 *
 * ```ts
 * import * as jest from '@jest/globals';
 *
 * describeTaskStore('MyStore', makeMyStore, jest);
 * ```
 *
 * @param make - called for each test; gives it an empty store
 */
export function describeTaskStore(
  name: string,
  make: () => Promise<TaskStoreUnderTest>,
  framework: TestFramework,
): void {
  framework.describe(name, () => {
    const fixture = new StoreFixture(make);
    framework.beforeEach(() => fixture.open());
    framework.afterEach(() => fixture.close());
    for (const describePart of PARTS) describePart(framework, fixture);
  });
}
