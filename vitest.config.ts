import { defineConfig } from 'vitest/config'

const outsideOurCode = ['**/node_modules/**', '.sluice/**']
const minuteMs = 60_000

const everywhere = {
  /**
   * Tests load modules as the program does, by Node itself. Vite's own loader would bring a second
   * copy of graphql-js, whose types the first does not recognize.
   */
  experimental: { viteModuleRunner: false },
  /** Loading the program anew for each file would take as long as the tests. */
  isolate: false,
}
/** What starts programs of its own and then waits for them. */
const withPrograms = { ...everywhere, maxWorkers: 2, testTimeout: 2 * minuteMs, hookTimeout: 2 * minuteMs }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...everywhere,
          name: 'unit',
          maxWorkers: 2,
          include: ['**/*.test.ts'],
          globalSetup: ['test/testkit/postgres.setup.ts'],
          exclude: [...outsideOurCode, 'test/{acceptance,isolation,faults,kubernetes,prometheus,proof}/**'],
          testTimeout: minuteMs / 2,
          hookTimeout: minuteMs,
        },
      },
      {
        test: {
          ...withPrograms,
          name: 'acceptance',
          include: ['test/{acceptance,isolation,faults}/**/*.test.ts'],
          exclude: [...outsideOurCode, 'test/acceptance/apart/**'],
        },
      },
      {
        test: {
          ...withPrograms,
          // The same files, with each role in a process of its own, and what is about such roles alone.
          name: 'acceptance-apart',
          env: { SLUICE_TEST_MODE: 'apart' },
          include: ['test/{acceptance,isolation}/**/*.test.ts'],
          // What is about `sluice up` itself: how it starts, its tour, its own data folder; and replays, which bring their own parts.
          exclude: [...outsideOurCode, 'test/acceptance/{start,first-job,replay}/**'],
        },
      },
      {
        test: {
          ...everywhere,
          name: 'kubernetes',
          include: ['test/kubernetes/**/*.test.ts'],
          globalSetup: ['test/kubernetes/controlPlane.setup.ts'],
          exclude: outsideOurCode,
          // They share one control plane.
          fileParallelism: false,
          testTimeout: 3 * minuteMs,
          hookTimeout: 5 * minuteMs,
        },
      },
      {
        test: {
          ...withPrograms,
          name: 'prometheus',
          // What is scraped is one role each, as an operator has it.
          env: { SLUICE_TEST_MODE: 'apart' },
          include: ['test/prometheus/**/*.test.ts'],
          exclude: outsideOurCode,
        },
      },
      {
        test: {
          ...withPrograms,
          name: 'proof',
          include: ['test/proof/**/*.proof.ts'],
          globalSetup: ['test/kubernetes/controlPlane.setup.ts'],
          exclude: outsideOurCode,
          testTimeout: 19 * minuteMs,
          hookTimeout: 10 * minuteMs,
        },
      },
    ],
  },
})
