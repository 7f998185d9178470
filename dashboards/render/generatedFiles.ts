import { stringify } from 'yaml'
import { alerts } from '../alerts/alerts.ts'
import { ruleFile } from '../alerts/ruleFile.ts'
import { clusterDashboard } from '../cluster.ts'
import type { Dashboard } from '../dashboard.ts'
import { queuesDashboard } from '../queues.ts'
import { composeTargets } from './composeTargets.ts'
import { scrapeConfig } from './scrapeConfig.ts'

/** Path relative to the root of the repository. */
export interface RenderedFile {
  path: string
  content: string
}

const FOLDER = 'dashboards/generated'
const SCRAPE_INTERVAL = '15s'
/** Where docker-compose.yml mounts what is provisioned. */
const GRAFANA_DASHBOARDS = '/etc/sluice/dashboards'
const PROMETHEUS_RULES = '/etc/prometheus/rules/*.yaml'

/** By the name of its file. */
export function allDashboards(): Record<string, Dashboard> {
  return { cluster: clusterDashboard(), queues: queuesDashboard() }
}

/** Everything that is generated and committed here. */
export function generatedFiles(): RenderedFile[] {
  const dashboards = Object.entries(allDashboards()).map(([name, dashboard]) => ({
    path: `${FOLDER}/grafana/dashboards/${name}.json`,
    content: `${JSON.stringify(dashboard, null, 2)}\n`,
  }))
  return [
    ...dashboards,
    yamlFile('grafana/provisioning/dashboards/sluice.yaml', dashboardProvider()),
    yamlFile('grafana/provisioning/datasources/prometheus.yaml', datasource()),
    yamlFile('prometheus/rules/sluice.yaml', ruleFile(alerts)),
    yamlFile(
      'prometheus/prometheus.yaml',
      scrapeConfig({ interval: SCRAPE_INTERVAL, ruleFiles: [PROMETHEUS_RULES], ...composeTargets }),
    ),
  ]
}

function yamlFile(path: string, value: object): RenderedFile {
  return { path: `${FOLDER}/${path}`, content: `# Made by npm run render.\n${stringify(value, { lineWidth: 0 })}` }
}

function dashboardProvider(): object {
  return {
    apiVersion: 1,
    providers: [
      {
        name: 'sluice',
        folder: 'Sluice',
        type: 'file',
        // They are made by code: what is changed by hand would be lost at the next render.
        allowUiUpdates: false,
        disableDeletion: true,
        options: { path: GRAFANA_DASHBOARDS },
      },
    ],
  }
}

function datasource(): object {
  return {
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        uid: 'prometheus',
        type: 'prometheus',
        access: 'proxy',
        url: 'http://prometheus:9090',
        isDefault: true,
        editable: false,
        // $__rate_interval is four times this.
        jsonData: { timeInterval: SCRAPE_INTERVAL, httpMethod: 'POST' },
      },
    ],
  }
}
