metadata description = 'What an operator is woken for, asked of Application Insights every five minutes.'

param suffix string
param location string
param tags { *: string }
param applicationInsightsName string
param failedQueue string
param latencyThresholdMilliseconds int

@description('Empty: alerts show in the portal only.')
param email string

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = { name: applicationInsightsName }

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-inference-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'inference'
    emailReceivers: empty(email) ? [] : [{ name: 'operator', emailAddress: email, useCommonAlertSchema: true }]
  }
}

var rules = [
  {
    name: 'failure-rate'
    description: 'More than 5 % of the requests of 15 minutes failed by the service: 5xx, 429 (overload), or a message that could not be processed. Fewer than 20 requests say nothing.'
    severity: 1
    window: 'PT15M'
    query: '''
      requests
      | extend code = coalesce(toint(resultCode), 0)
      | summarize failed = countif(success == false and (code < 400 or code == 429 or code >= 500)), total = count()
      | project value = iff(total < 20, 0.0, 100.0 * failed / total)
    '''
    threshold: 5
  }
  {
    name: 'latency-p95'
    description: '95 of 100 successful HTTP requests of 15 minutes took longer than ${latencyThresholdMilliseconds} ms, health probes left out.'
    severity: 2
    window: 'PT15M'
    query: '''
      requests
      | where success == true and isnotempty(url) and url !contains '/health/'
      | summarize p95 = percentile(duration, 95), total = count()
      | project value = iff(total < 20, 0.0, p95)
    '''
    threshold: latencyThresholdMilliseconds
  }
  {
    name: 'poison-messages'
    description: 'A message was given up and is in ${failedQueue}.'
    severity: 2
    window: 'PT5M'
    // Azure Monitor counts the messages of an account, not of a queue. The app counts and logs each message that it sends to this queue.
    // Both are read: log entries may be sampled under load, and the count is sent only once a minute.
    query: '''
      union
        (customMetrics | where name == 'inference.messages.failed' | project found = valueSum),
        (traces | where message contains 'is in the queue of failed messages' | project found = 1.0)
      | summarize value = sum(found)
    '''
    threshold: 0
  }
  {
    name: 'restarts'
    description: 'The worker process ended unexpectedly more than twice in 15 minutes: it crashes, or runs out of memory.'
    severity: 1
    window: 'PT15M'
    query: '''
      exceptions
      | where type endswith 'WorkerProcessExitException' or outerMessage has 'exited with code'
      | summarize value = todouble(count())
    '''
    threshold: 2
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'alert-${rule.name}-${suffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Inference ${suffix}: ${rule.name}'
      description: rule.description
      severity: rule.severity
      enabled: true
      autoMitigate: true
      scopes: [applicationInsights.id]
      evaluationFrequency: 'PT5M'
      windowSize: rule.window
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: 'value'
            timeAggregation: 'Maximum'
            operator: 'GreaterThan'
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [actionGroup.id] }
    }
  }
]
