"""What a guest's line names, made to exist: files, devices, sockets, processes behind them."""
