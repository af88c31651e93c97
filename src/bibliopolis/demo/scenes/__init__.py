"""What the pictures of the demo show, one function a scene."""
