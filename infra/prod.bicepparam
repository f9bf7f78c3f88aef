using 'main.bicep'

param environmentName = 'prod'
// Avoids cold starts and tolerates the loss of a datacentre. Both are billed by the hour.
param alwaysReadyInstances = 2
param zoneRedundant = true
param isolateNetwork = true
param maximumInstanceCount = 100
param resultRetentionDays = 30
param telemetryDailyCapGB = 10
