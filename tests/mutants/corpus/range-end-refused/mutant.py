import main

main.K_MAX -= 1

main.run()
