import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PrometheusDriver } from 'prometheus-query'
import { stringify } from 'yaml'
import type { RuleFile } from '../../dashboards/alerts/ruleFile.ts'
import { type ScrapeOptions, scrapeConfig } from '../../dashboards/render/scrapeConfig.ts'
import { until } from '../testkit/until.ts'

/** As often as Prometheus can: a test has no quarter of a minute to wait. */
export const SCRAPE_SECONDS = 1

interface PrometheusOptions extends Pick<ScrapeOptions, 'targets' | 'deviceTargets' | 'devicePath'> {
  rules: RuleFile
}

/** A real Prometheus on a port of its own, which has read every target once. @param onEnd vitest's `afterAll` */
export async function startPrometheus(
  onEnd: (run: () => Promise<void>) => void,
  { rules, ...scraped }: PrometheusOptions,
): Promise<PrometheusDriver> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-prometheus-'))
  onEnd(() => rm(folder, { recursive: true, force: true }))
  const [configPath, rulesPath] = [join(folder, 'prometheus.yaml'), join(folder, 'rules.yaml')]
  await writeFile(rulesPath, stringify(rules))
  const config = scrapeConfig({ ...scraped, interval: `${SCRAPE_SECONDS}s`, ruleFiles: [rulesPath] })
  await writeFile(configPath, stringify(config))

  const server = spawn(
    'prometheus',
    [`--config.file=${configPath}`, `--storage.tsdb.path=${join(folder, 'data')}`, '--web.listen-address=127.0.0.1:0'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = once(server, 'close')
  onEnd(async () => {
    server.kill('SIGKILL') // what it has stored is not wanted again
    await ended
  })
  const driver = new PrometheusDriver({ endpoint: `http://${await addressOf(server.stderr)}`, timeout: 10_000 })
  const wanted = scraped.targets.length + scraped.deviceTargets.length
  await until(
    'Prometheus has read every target',
    async () => (await driver.instantQuery('up').catch(() => ({ result: [] }))).result.map(({ value }) => value.value),
    (ups) => ups.length === wanted && ups.every((value) => value === 1),
  )
  return driver
}

/** It tells the port that it was given in its log. */
async function addressOf(log: NodeJS.ReadableStream): Promise<string> {
  const lines: string[] = []
  const reader = createInterface({ input: log })
  for await (const line of reader) {
    lines.push(line)
    const address = /msg="Listening on" address=(\S+)/.exec(line)?.[1]
    if (address === undefined) continue
    log.resume() // a full pipe would stop it
    return address
  }
  throw new Error(`Prometheus did not start:\n${lines.join('\n')}`)
}
