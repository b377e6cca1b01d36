Console.WriteLine("Exporter");
