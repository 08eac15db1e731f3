import main

main.K_MAX = 500

main.run()
