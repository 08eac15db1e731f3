import summary

summary.run()
