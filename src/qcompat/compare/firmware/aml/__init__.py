"""What an operating system learns from the definition blocks of ACPI (DSDT, SSDT).

`reader` takes the byte code apart, `definitions` lists what it defines, `resources` decodes what
a device uses, `namespace` finds the devices, and `differences` pairs those of two builds.
"""
