import { defineConfig } from 'vitest/config'

const outsideOurCode = ['**/node_modules/**', '.sluice/**']
const minuteMs = 60_000

/**
 * Tests load modules as the program does, by Node itself. Vite's own loader would bring a second
 * copy of graphql-js, whose types the first does not recognize.
 */
const experimental = { viteModuleRunner: false }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          experimental,
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
          experimental,
          name: 'acceptance',
          include: ['test/{acceptance,isolation,faults}/**/*.test.ts'],
          exclude: outsideOurCode,
          // Every file starts a cloud of its own: two at once on two cores would time each other out.
          fileParallelism: false,
          testTimeout: 2 * minuteMs,
          hookTimeout: 2 * minuteMs,
        },
      },
      {
        test: {
          experimental,
          // The same files, with each role in a process of its own.
          name: 'acceptance-apart',
          env: { SLUICE_TEST_MODE: 'apart' },
          include: ['test/{acceptance,isolation}/**/*.test.ts'],
          // What is about `sluice up` itself: how it starts, its tour, its own data folder; and replays, which bring their own parts.
          exclude: [...outsideOurCode, 'test/acceptance/{start,first-job,replay,backup,apart}/**'],
          fileParallelism: false,
          testTimeout: 2 * minuteMs,
          hookTimeout: 2 * minuteMs,
        },
      },
      {
        test: {
          experimental,
          name: 'kubernetes',
          include: ['test/kubernetes/**/*.test.ts'],
          globalSetup: ['test/kubernetes/controlPlane.setup.ts'],
          exclude: outsideOurCode,
          fileParallelism: false,
          testTimeout: 3 * minuteMs,
          hookTimeout: 5 * minuteMs,
        },
      },
      {
        test: {
          experimental,
          name: 'prometheus',
          // What is scraped is one role each, as an operator has it.
          env: { SLUICE_TEST_MODE: 'apart' },
          include: ['test/prometheus/**/*.test.ts'],
          exclude: outsideOurCode,
          fileParallelism: false,
          testTimeout: 2 * minuteMs,
          hookTimeout: 2 * minuteMs,
        },
      },
      {
        test: {
          experimental,
          name: 'proof',
          include: ['test/proof/**/*.proof.ts'],
          exclude: outsideOurCode,
          fileParallelism: false,
          testTimeout: 19 * minuteMs,
          hookTimeout: 10 * minuteMs,
        },
      },
    ],
  },
})
