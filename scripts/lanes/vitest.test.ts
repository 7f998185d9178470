import { assert, test } from 'vitest'
import { countsOf, type VitestReport } from './vitest.ts'

const file = (status: 'passed' | 'failed', ...tests: string[]): VitestReport['testResults'][number] => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
})

const cases: Record<string, { files: VitestReport['testResults']; exitCode: number | null; want: string }> = {
  'tests are counted by outcome': {
    files: [file('failed', 'passed', 'failed'), file('passed', 'passed', 'pending', 'todo', 'skipped')],
    exitCode: 1,
    want: '2/1/3',
  },
  'a file that does not load is a failure': {
    files: [file('failed'), file('passed', 'passed')],
    exitCode: 1,
    want: '1/1/0',
  },
  'an error outside of every test is a failure': { files: [file('passed', 'passed')], exitCode: 1, want: '1/1/0' },
  'a run that was killed is a failure': { files: [], exitCode: null, want: '0/1/0' },
  'nothing to run is no failure': { files: [], exitCode: 0, want: '0/0/0' },
}
for (const [name, { files, exitCode, want }] of Object.entries(cases)) {
  test(name, () => {
    const { passed, failed, skipped } = countsOf({ testResults: files }, exitCode)
    assert.equal(`${passed}/${failed}/${skipped}`, want)
  })
}
