using 'main.bicep'

// Scales to zero, and costs almost nothing without requests.
param environmentName = 'dev'
param maximumInstanceCount = 2
param resultRetentionDays = 1
