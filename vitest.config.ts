import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** One file drives a browser for minutes, and others start processes: begun last, they would be waited for alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.sort((one, other) => durationRank(other) - durationRank(one))
  }
}

function durationRank({ moduleId }: TestSpecification): number {
  if (/\/packages\/dashboard\/test\/|\/bench\/revocation\//.test(moduleId)) return 2
  return /\/(test|scripts)\//.test(moduleId) ? 1 : 0
}

export default defineConfig({
  resolve: { conditions: ['cutover-source'] },
  ssr: { resolve: { conditions: ['cutover-source'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      '{bench,scripts,test-support}/**/*.test.ts',
    ],
    globalSetup: ['test-support/postgres-for-this-run.ts', 'test-support/programs-for-this-run.ts'],
    reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]],
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // More than there are cores: much of the time here is spent waiting for processes and disks.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // To start a process and load the same modules again is most of what a short file takes; none keeps state in one.
    isolate: false,
    // Each command of a test may be a process of its own: on a busy machine they take their time.
    testTimeout: 90_000,
    hookTimeout: 120_000,
  },
})
