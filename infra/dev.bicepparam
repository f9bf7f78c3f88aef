using 'main.bicep'

// Scales to zero, and costs next to nothing while nobody asks.
param environmentName = 'dev'
param maximumInstanceCount = 2
param resultRetentionDays = 1
