using 'main.bicep'

param environmentName = 'prod'
// No cold starts, and a datacentre may fail; both are paid by the hour.
param alwaysReadyInstances = 2
param zoneRedundant = true
param isolateNetwork = true
param maximumInstanceCount = 100
param resultRetentionDays = 30
param telemetryDailyCapGB = 10
