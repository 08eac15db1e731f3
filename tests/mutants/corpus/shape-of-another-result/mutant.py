import main

main.SHAPE = "tabular_data_resource_json"

main.run()
